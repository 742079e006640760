import { Document, visit } from 'yaml';
import { terminalText } from '../../api/text.ts';

/** YAML 1.1 readers would parse these as dates. */
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}/;

/**
 * Objects as a `v1` List, like the output of `kubectl get -o json` or `-o yaml`. Terminal control characters are
 * escaped in the way of the format, which keeps the values.
 */
export function listText(items: readonly object[], format: 'json' | 'yaml'): string {
  const list = { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
  return documentText(list, format);
}

/** A value as a document. Terminal control characters are escaped in the way of the format, which keeps the values. */
export function documentText(value: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? jsonText(value) : yamlText(value);
}

/** Indented JSON with a trailing line feed. */
export function jsonText(value: unknown): string {
  return `${escaped(JSON.stringify(value, null, 2), (unit) => `\\u${hex(unit, 4)}`)}\n`;
}

function yamlText(value: unknown): string {
  // Strings that YAML 1.1 would parse as another type are quoted: kubectl reads YAML 1.1.
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_, node) {
      const { value } = node;
      if (typeof value === 'string' && (isUnsafe(value) || TIMESTAMP.test(value))) node.type = 'QUOTE_DOUBLE';
    },
  });
  return escaped(document.toString({ lineWidth: 0 }), undefined);
}

const isUnsafe = (text: string): boolean => terminalText(text, { multiline: true }) !== text;

/** Escapes unsafe characters; with `unit` as UTF-16 units, otherwise as code points. */
function escaped(text: string, unit: ((code: number) => string) | undefined): string {
  return text.replace(/[^\t\n\x20-\x7e]/gu, (char) => {
    if (!isUnsafe(char)) return char;
    if (unit !== undefined) return [...Array(char.length).keys()].map((at) => unit(char.charCodeAt(at))).join('');
    const code = char.codePointAt(0) ?? 0;
    return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
