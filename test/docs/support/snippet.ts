/** A fenced block of a page. */
export interface Snippet {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
  readonly notes: Notes;
}

/**
 * What a comment above a block says about how it is tested. It is written `<!-- snippet: KEY VALUE -->`, several of them
 * one a line; readers of the rendered page do not see it.
 */
export interface Notes {
  /** Why it is not run by any test. */
  readonly 'not run'?: string;
  /** The test file that runs it, which has to name the page. */
  readonly 'tested by'?: string;
  /** It is saved under this name, for the commands of the page. */
  readonly file?: string;
  /** The kind, and the path in it, that a YAML fragment belongs to: `ScriptEndpoint.spec`. */
  readonly 'part of'?: string;
  /** The folder of the repository that its commands are run in; else its root. */
  readonly in?: string;
  /** What it is where its language does not tell: see `wayOf`. */
  readonly is?: string;
  /** Code in front of it, which it needs and a reader does not. */
  readonly given?: string;
}

const KEYS = ['not run', 'tested by', 'file', 'part of', 'in', 'is', 'given'] as const;
/** What `is` may say. */
const KINDS = ['values', 'kustomization', 'program', 'script', 'test', 'client configuration'] as const;

/** The notes of a comment; none where it is another comment. Throws for a key that does not exist. */
export function notesOf(comment: string, at: string): Notes {
  const [, body] = /^<!-- snippet:([\s\S]*?)-->/.exec(comment.trim()) ?? [];
  if (body === undefined) return {};
  const [head = '', given] = body.split(/^ ?given:\n/m);
  const notes: Record<string, string> = given === undefined ? {} : { given };
  for (const line of head.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const key = KEYS.find((each) => line.startsWith(`${each} `));
    if (key === undefined) throw new Error(`${at}: "${line}" is no note on a snippet: ${KEYS.join(', ')}`);
    notes[key] = line.slice(key.length + 1);
  }
  if (notes.is !== undefined && !KINDS.some((kind) => kind === notes.is))
    throw new Error(`${at}: "is ${notes.is}": ${KINDS.join(', ')}`);
  return notes;
}

export type Way = 'figure' | 'not run' | 'tested elsewhere' | 'manifest' | 'commands' | (typeof KINDS)[number];

/** How a snippet is tested. Throws, with what to do, where nothing says so. */
export function wayOf({ language, notes, text, page, line }: Snippet): Way {
  if (notes['not run'] !== undefined) return 'not run';
  if (notes['tested by'] !== undefined) return 'tested elsewhere';
  if (notes.is !== undefined) return notes.is as Way;
  switch (language) {
    case '':
    case 'mermaid':
      return 'figure';
    case 'yaml':
      return 'manifest';
    case 'js':
    case 'ts':
      if (/from 'copepod\/test'/.test(text)) return 'test';
      return /from 'copepod/.test(text + (notes.given ?? '')) ? 'program' : 'script';
    case 'console':
    case 'sh':
      return 'commands';
    default:
      throw new Error(
        `${page}:${line}: no test knows what to do with a block of "${language}". Use yaml, js, ts, console or sh, or write ` +
          'above it: <!-- snippet: not run REASON -->',
      );
  }
}

/** Where a snippet stands, for titles of tests and messages. */
export const placeOf = ({ page, line }: Snippet): string => `${page}:${line}`;
