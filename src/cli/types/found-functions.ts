import type TypeScript from 'typescript-5';

/** A host function as its module writes it. */
export interface FoundFunction {
  readonly comment: string;
  /** Without the first, which is the call. */
  readonly parameters: readonly FoundParameter[];
  /** Type of what it returns, as it is written. */
  readonly returns: string;
}

export interface FoundParameter {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly isRest: boolean;
  readonly comment: string;
}

type Commented = TypeScript.Node & { readonly jsDoc?: readonly TypeScript.JSDoc[] };

/**
 * Finds the functions that a module exports, in objects too, and those that it exposes by `host.expose('name', function)`,
 * by the names that scripts call them with. Pure.
 */
export function foundFunctions(
  ts: typeof TypeScript,
  source: TypeScript.SourceFile,
): ReadonlyMap<string, FoundFunction> {
  const found = new Map<string, FoundFunction>();
  const declared = declaredNames(ts, source);

  /** @param comment the node that has its comment */
  const add = (name: string, value: TypeScript.Node | undefined, comment: Commented): void => {
    if (value === undefined) return;
    if (ts.isParenthesizedExpression(value) || ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) {
      add(name, value.expression, comment);
    } else if (ts.isIdentifier(value)) {
      const { node, owner } = declared.get(value.text) ?? {};
      // One step is enough, and a name may stand for itself.
      if (node !== undefined && owner !== undefined && !ts.isIdentifier(node)) {
        add(name, node, comment.jsDoc === undefined ? owner : comment);
      }
    } else if (ts.isObjectLiteralExpression(value)) {
      addMembers(name === '' ? '' : `${name}.`, value);
    } else if (ts.isCallExpression(value) && /^Object\s*\.\s*freeze$/.test(value.expression.getText())) {
      add(name, value.arguments[0], comment);
    } else if (isFunction(ts, value)) found.set(name, functionOf(ts, value, comment));
  };
  const addMembers = (prefix: string, object: TypeScript.ObjectLiteralExpression): void => {
    for (const member of object.properties) {
      const name = member.name === undefined || ts.isComputedPropertyName(member.name) ? undefined : member.name.text;
      if (name === undefined) continue;
      if (ts.isMethodDeclaration(member)) add(prefix + name, member, member);
      else if (ts.isPropertyAssignment(member)) add(prefix + name, member.initializer, member);
      else if (ts.isShorthandPropertyAssignment(member)) add(prefix + name, member.name, member);
    }
  };
  const visit = (node: TypeScript.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name !== undefined && isExported(ts, node)) {
      add(node.name.text, node, node);
    } else if (ts.isVariableStatement(node) && isExported(ts, node)) {
      for (const { name, initializer } of node.declarationList.declarations) {
        if (ts.isIdentifier(name)) add(name.text, initializer, node);
      }
    } else if (ts.isExportDeclaration(node) && node.exportClause !== undefined && node.moduleSpecifier === undefined) {
      if (ts.isNamedExports(node.exportClause)) {
        for (const { name, propertyName } of node.exportClause.elements) {
          const local = propertyName ?? name;
          if (ts.isIdentifier(local)) add(name.text, local, node);
        }
      }
    } else if (ts.isExportAssignment(node) && !isFunction(ts, node.expression)) {
      add('', node.expression, node);
    } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const [name, value] = node.arguments;
      if (node.expression.name.text === 'expose' && name !== undefined && ts.isStringLiteralLike(name)) {
        add(name.text, value, node.parent as Commented);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** What the names of a module's top level stand for, with the nodes that have their comments. */
function declaredNames(
  ts: typeof TypeScript,
  source: TypeScript.SourceFile,
): ReadonlyMap<string, { readonly node: TypeScript.Node; readonly owner: Commented }> {
  const declared = new Map<string, { readonly node: TypeScript.Node; readonly owner: Commented }>();
  for (const owner of source.statements) {
    if (ts.isFunctionDeclaration(owner) && owner.name !== undefined)
      declared.set(owner.name.text, { node: owner, owner });
    if (!ts.isVariableStatement(owner)) continue;
    for (const { name, initializer } of owner.declarationList.declarations) {
      if (ts.isIdentifier(name) && initializer !== undefined) declared.set(name.text, { node: initializer, owner });
    }
  }
  return declared;
}

type FunctionNode =
  | TypeScript.FunctionDeclaration
  | TypeScript.FunctionExpression
  | TypeScript.ArrowFunction
  | TypeScript.MethodDeclaration;

function isFunction(ts: typeof TypeScript, node: TypeScript.Node): node is FunctionNode {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node)
  );
}

function isExported(
  ts: typeof TypeScript,
  node: TypeScript.FunctionDeclaration | TypeScript.VariableStatement,
): boolean {
  const kinds = new Set(node.modifiers?.map(({ kind }) => kind));
  return kinds.has(ts.SyntaxKind.ExportKeyword) && !kinds.has(ts.SyntaxKind.DefaultKeyword);
}

function functionOf(ts: typeof TypeScript, node: FunctionNode, owner: Commented): FoundFunction {
  const docs = owner.jsDoc ?? (node as Commented).jsDoc ?? [];
  const tags = docs.flatMap(({ tags = [] }) => [...tags]);
  // A tag of a parameter's property has a dotted name.
  const ofParameters = tags.filter(ts.isJSDocParameterTag).filter(({ name }) => ts.isIdentifier(name));
  const returned = tags.find(ts.isJSDocReturnTag)?.typeExpression?.type;
  const hasCallTag = ofParameters.length === node.parameters.length;
  const parameters = node.parameters.slice(1).map((parameter, index): FoundParameter => {
    const { name, type, initializer, questionToken, dotDotDotToken } = parameter;
    const isNamed = ts.isIdentifier(name);
    const tag = isNamed
      ? ofParameters.find((each) => each.name.getText() === name.text)
      : ofParameters[hasCallTag ? index + 1 : index];
    const isRest = dotDotDotToken !== undefined;
    return {
      name: isNamed ? name.text : (tag?.name.getText() ?? `argument${index + 1}`),
      type: type?.getText() ?? restType(tag?.typeExpression?.type.getText(), isRest) ?? literalType(ts, initializer),
      isOptional: !isRest && (questionToken !== undefined || initializer !== undefined || tag?.isBracketed === true),
      isRest,
      comment: commentOf(ts, tag?.comment).replace(/^-\s*/, ''),
    };
  });
  return {
    comment: docs
      .map(({ comment }) => commentOf(ts, comment))
      .join('\n')
      .trim(),
    parameters,
    returns: node.type?.getText() ?? returned?.getText() ?? 'any',
  };
}

/** JSDoc writes the type of each rest argument: `{...string}`. */
function restType(text: string | undefined, isRest: boolean): string | undefined {
  if (text === undefined) return isRest ? 'any[]' : undefined;
  const each = text.replace(/^\.\.\./, '').trim();
  return isRest && !each.endsWith('[]') ? `${each}[]` : each;
}

/** What a default value says of a parameter without a type. */
function literalType(ts: typeof TypeScript, value: TypeScript.Expression | undefined): string {
  if (value === undefined) return 'any';
  if (ts.isNumericLiteral(value)) return 'number';
  if (ts.isStringLiteralLike(value)) return 'string';
  return value.kind === ts.SyntaxKind.TrueKeyword || value.kind === ts.SyntaxKind.FalseKeyword ? 'boolean' : 'any';
}

const commentOf = (ts: typeof TypeScript, comment: TypeScript.JSDoc['comment']): string =>
  ts.getTextOfJSDocComment(comment)?.trim() ?? '';
