import type TypeScript from 'typescript-5';

/** The types that a module declares, as TypeScript, by their names: interfaces, aliases, enums, and `@typedef` of JSDoc. Pure. */
export function namedTypes(ts: typeof TypeScript, source: TypeScript.SourceFile): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const statement of source.statements) {
    if (
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isEnumDeclaration(statement)
    ) {
      types.set(statement.name.text, statement.getText().replace(/^(export\s+|declare\s+)*/, ''));
    }
  }
  for (const node of [...source.statements, source.endOfFileToken]) {
    const { jsDoc = [] } = node as { jsDoc?: readonly TypeScript.JSDoc[] };
    for (const tag of jsDoc.flatMap(({ tags = [] }) => [...tags])) {
      if (ts.isJSDocTypedefTag(tag) && tag.name !== undefined) types.set(tag.name.text, typedefText(ts, tag));
    }
  }
  return types;
}

function typedefText(ts: typeof TypeScript, { name, typeExpression }: TypeScript.JSDocTypedefTag): string {
  if (typeExpression === undefined) return `type ${name?.text} = any;`;
  if (ts.isJSDocTypeExpression(typeExpression)) return `type ${name?.text} = ${typeExpression.type.getText()};`;
  const members = (typeExpression.jsDocPropertyTags ?? []).map(
    ({ name: member, isBracketed, typeExpression: type }) => {
      return `  ${member.getText()}${isBracketed ? '?' : ''}: ${type?.type.getText() ?? 'any'};`;
    },
  );
  return `type ${name?.text} = {\n${members.join('\n')}\n}${typeExpression.isArrayType ? '[]' : ''};`;
}
