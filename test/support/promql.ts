import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Matcher {
  readonly label: string;
  /** `=`, `!=`, `=~` or `!~`. */
  readonly operator: string;
  readonly value: string;
}

/** One selector of a query. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Labels that the operators around it group, match or join by. */
  readonly groupedBy: readonly string[];
}

/**
 * The selectors of a query, read by the grammar of Prometheus' own editor. Throws for a query with a syntax error, and for a
 * selector without a metric name.
 */
export function selectorsOf(query: string): Selector[] {
  const text = (node: SyntaxNode): string => query.slice(node.from, node.to);
  const selectors: Selector[] = [];
  const visit = (node: SyntaxNode, groupedBy: readonly string[]): void => {
    if (node.type.isError) throw new Error(`syntax error at ${node.from} in ${query}`);
    if (node.name === 'VectorSelector') {
      const metric = node.getChild('Identifier');
      if (metric === null) throw new Error(`a selector without a name in ${query}`);
      selectors.push({ metric: text(metric), matchers: matchersOf(node, text), groupedBy });
    }
    const grouped = [...groupedBy, ...groupingOf(node).map(text)];
    for (const child of childrenOf(node)) visit(child, grouped);
  };
  visit(parser.parse(query).topNode, []);
  return selectors;
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

/** The labels of `by`, `on` and `group_left`; those of `without` and `ignoring` need not exist. */
function groupingOf(node: SyntaxNode): SyntaxNode[] {
  return [...node.getChildren('AggregateModifier'), ...node.getChildren('MatchingModifierClause')]
    .filter((clause) => clause.getChild('By') !== null || clause.getChild('On') !== null)
    .flatMap((clause) => clause.getChildren('GroupingLabels'))
    .flatMap((labels) => labels.getChildren('LabelName'));
}

function matchersOf(selector: SyntaxNode, text: (node: SyntaxNode) => string): Matcher[] {
  const matchers = selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return matchers.map((matcher) => {
    const [label = '', operator = '', value = '""'] = childrenOf(matcher).map(text);
    return { label, operator, value: JSON.parse(value) as string };
  });
}
