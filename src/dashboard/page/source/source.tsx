import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ExecutionError } from '../../../api/types.generated.ts';
import type { Kind, SourceAnswer } from '../../messages.ts';
import { FailureNote } from '../parts/message.tsx';
import { Section } from '../parts/section.tsx';
import { Text } from '../parts/text.tsx';
import { VirtualRows } from '../parts/virtual-rows.tsx';
import { useRequest } from '../use-request.ts';
import { highlightedLines } from './highlight.ts';
import { markedLine, type Span } from './marked-lines.ts';

interface SourceProps {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** Another one is another source. */
  readonly version: string;
  readonly language: 'JavaScript' | 'TypeScript';
  readonly error?: ExecutionError | undefined;
}

/** The script of an object, with its files and the place of an error. */
export function Source({ kind, namespace, name, version, language, error }: SourceProps) {
  const { value, failure } = useRequest<SourceAnswer>(`/api/sources/${kind}/${namespace}/${name}`, version);
  const [chosen, setChosen] = useState<string>();
  const main = value?.script.name ?? '';
  const files = value === undefined ? [] : [main, ...Object.keys(value.files).sort()];
  const place = error?.file !== undefined && files.includes(error.file) ? error.file : main;
  const file = chosen !== undefined && files.includes(chosen) ? chosen : place;
  const text = value === undefined ? '' : file === main ? value.script.text : (value.files[file] ?? '');
  const isTypeScript = /\.[cm]?ts$/.test(file) || (file === main && language === 'TypeScript');
  return (
    <Section title="Source" aside={isTypeScript ? 'TypeScript' : 'JavaScript'}>
      {failure !== undefined && <FailureNote failure={failure} title="The source cannot be read" />}
      {value?.isChanged && (
        <p class="note note-plain">The ConfigMap has changed since the run read it: this is what it holds now.</p>
      )}
      {files.length > 1 && (
        <div class="files" role="group" aria-label="Files">
          {files.map((each) => (
            <button key={each} type="button" class="file" aria-pressed={each === file} onClick={() => setChosen(each)}>
              <Text of={each === '' ? 'script' : each} />
            </button>
          ))}
        </div>
      )}
      {value !== undefined && (
        <Code text={text} isTypeScript={isTypeScript} error={file === place ? error : undefined} />
      )}
    </Section>
  );
}

const LINE_HEIGHT = 20;
/** Lines above the error when it is scrolled to. */
const CONTEXT_LINES = 6;

interface Line {
  /** Number of the line, from 1; undefined: what the error is, below its line. */
  readonly number: number | undefined;
  readonly spans: readonly Span[];
}

/** Blanks as wide as what is before the mark of a line. */
function indentTo(spans: readonly Span[]): Span[] {
  const at = spans.findIndex(({ isMarked }) => isMarked);
  const before = spans.slice(0, Math.max(0, at)).map(({ text }) => text);
  return [{ text: before.join('').replace(/[^\t]/g, ' '), look: 'indent', isMarked: false }];
}

interface CodeProps {
  readonly text: string;
  readonly isTypeScript: boolean;
  readonly error: ExecutionError | undefined;
}

/** The lines of a file. */
function Code({ text, isTypeScript, error }: CodeProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const coloured = useMemo(() => highlightedLines(text.replace(/\n$/, ''), isTypeScript), [text, isTypeScript]);
  const { line: at, column } = error ?? {};
  const lines = useMemo(() => {
    const all = coloured.map(
      (spans, index): Line => ({ number: index + 1, spans: markedLine(spans, index + 1 === at ? column : undefined) }),
    );
    if (at !== undefined && at <= all.length && error !== undefined) {
      const says = error.message.split('\n', 1)[0] ?? '';
      const spans = [...indentTo(all[at - 1]?.spans ?? []), { text: `↑ ${says}`, look: 'says', isMarked: false }];
      all.splice(at, 0, { number: undefined, spans });
    }
    return all;
  }, [coloured, at, column, error]);
  useLayoutEffect(() => {
    if (scroller.current === null) return;
    scroller.current.scrollTop = at === undefined ? 0 : Math.max(0, (at - 1 - CONTEXT_LINES) * LINE_HEIGHT);
  }, [at, lines]);
  useEffect(() => {
    const mark = scroller.current?.querySelector('mark');
    if (mark instanceof HTMLElement && scroller.current !== null) {
      const { offsetLeft } = mark;
      if (offsetLeft > scroller.current.clientWidth * 0.8) scroller.current.scrollLeft = offsetLeft - 200;
    }
  }, [lines]);
  const digits = String(coloured.length).length;
  return (
    <div class="code" role="region" aria-label="Source of the script" tabIndex={0} ref={scroller}>
      <VirtualRows rows={lines} rowHeight={LINE_HEIGHT} scroller={scroller} keyOf={(_, index) => index}>
        {({ number, spans }) => (
          <div
            class={`line ${number === at && at !== undefined ? 'line-bad' : ''} ${number === undefined ? 'line-says' : ''}`}
          >
            <span class="line-number" style={{ width: `${digits + 1}ch` }}>
              {number ?? ''}
            </span>
            <span class="line-text">
              {spans.map((span, index) =>
                span.isMarked ? (
                  <mark key={index} class={span.look}>
                    <Text of={span.text} multiline />
                  </mark>
                ) : (
                  <span key={index} class={span.look}>
                    <Text of={span.text} multiline />
                  </span>
                ),
              )}
            </span>
          </div>
        )}
      </VirtualRows>
    </div>
  );
}
