import { describe, expect, test } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../../../src/api/json.ts';
import { valueOfResult } from '../../../../src/runtime/tools/mcp/result.ts';

const text = (value: string): JsonObject => ({ type: 'text', text: value });
const image = { type: 'image', data: 'AA==', mimeType: 'image/png' };

describe('what a result of an MCP tool gives', () => {
  test.each<[string, JsonObject, JsonValue | undefined]>([
    ['structured content', { content: [text('x')], structuredContent: { a: 1 } }, { a: 1 }],
    ['text', { content: [text('two'), text('lines')] }, 'two\nlines'],
    ['text that is JSON', { content: [text('{"a":1}')] }, { a: 1 }],
    ['text that is JSON and nests too deep', { content: [text('['.repeat(200))] }, '['.repeat(200)],
    ['content of several kinds', { content: [text('x'), image] }, [text('x'), image]],
    ['nothing', { content: [] }, undefined],
    ['what is no result', { content: 7 }, undefined],
  ])('%s', (_, result, value) => {
    expect(valueOfResult(result)).toEqual(value);
  });

  test('is an error where it says so', () => {
    const content = [text('no\nsuch ticket')];
    const failed = expect.objectContaining({ message: 'no such ticket', code: 'ToolError', data: content });
    expect(() => valueOfResult({ isError: true, content, structuredContent: {} })).toThrow(failed as never);
    expect(() => valueOfResult({ isError: true })).toThrow('the tool failed');
  });
});
