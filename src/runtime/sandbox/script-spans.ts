import { monotonicMicroseconds } from '../wire/monotonic-clock.ts';
import { SpanBudget, type Step } from '../wire/span-budget.ts';
import { attributesProblem, isSpanStep, MAX_SPAN_TEXT, MAX_SPANS } from '../wire/span-step.ts';

/** Number of the script as a whole. */
const SCRIPT = 0;
/** Number of every span that is not recorded. */
const UNRECORDED = -1;

/**
 * The spans that a script makes in one run: which are open, and which one a call belongs to. As long as the code that has called
 * a callback runs without a break, that is known. After an `await` it is not, as V8 does not expose which code continues: then a call
 * belongs to the innermost span that is open, or, where several are open beside each other, to the one around them.
 */
export class ScriptSpans {
  readonly #send: ((step: Step) => void) | undefined;
  /** Numbers of the spans around each, of all that were started. */
  readonly #parents: number[] = [SCRIPT];
  /** Spans that others can be in. */
  readonly #entered = new Set<number>();
  /** The one whose callback is running, and whether that is known. */
  #running = SCRIPT;
  #isKnown = false;
  readonly #ended = new Set<number>();
  readonly #budget = new SpanBudget();

  /** @param send undefined: the execution is not traced, and nothing is recorded */
  constructor(send: ((step: Step) => void) | undefined) {
    this.#send = send;
  }

  /** Number of the span that a call belongs to, where it is one of the script's own. */
  get mark(): { readonly span?: number } {
    const span = this.active;
    return span === SCRIPT ? {} : { span };
  }

  get active(): number {
    if (this.#isKnown) return this.#entered.has(this.#running) ? this.#running : this.#around(this.#running);
    let around = SCRIPT;
    for (;;) {
      const within = [...this.#entered].filter((each) => this.#around(each) === around);
      if (within.length !== 1) return around;
      around = within[0] as number;
    }
  }

  /** What the guest asks for through its port. */
  handle(step: unknown, a: unknown, b: unknown): unknown {
    switch (step) {
      case 'start':
        return this.#start(a);
      case 'active':
        return this.#send === undefined ? UNRECORDED : this.active;
      case 'enter':
        return this.#enter(a);
      case 'leave':
        this.#running = Number.isInteger(a) ? (a as number) : SCRIPT;
        return undefined;
      case 'break':
        this.#running = SCRIPT;
        this.#isKnown = false;
        return undefined;
      case 'set':
        return this.#set(a, b);
      case 'end':
        return this.#end(a);
      default:
        return undefined;
    }
  }

  #start(name: unknown): number {
    const span = this.#parents.length;
    const step = { step: 'start', span, parent: this.active, name, microseconds: monotonicMicroseconds() };
    if (this.#send === undefined || span > MAX_SPANS || !isSpanStep(step)) return UNRECORDED;
    this.#parents.push(step.parent);
    this.#sendWithinBudget(step as Step);
    return span;
  }

  /** The callback of a span is called. @returns number of the one whose callback was running */
  #enter(span: unknown): number {
    const before = this.#running;
    if (!this.#isStarted(span)) return before;
    this.#running = span;
    this.#isKnown = true;
    this.#entered.add(span);
    return before;
  }

  /** @returns why an attribute cannot be set, or undefined */
  #set(span: unknown, json: unknown): string | undefined {
    if (typeof json !== 'string' || json.length > MAX_SET_LENGTH) return 'the attributes are too long';
    const { attributes, error } = JSON.parse(json) as { attributes: Record<string, unknown>; error?: string };
    const problem = attributesProblem(attributes);
    if (problem !== undefined) return problem;
    const step = {
      step: 'set',
      span,
      attributes,
      ...(error === undefined ? {} : { error }),
      microseconds: monotonicMicroseconds(),
    };
    if (isSpanStep(step)) this.#sendWithinBudget(step as Step);
    return undefined;
  }

  #end(span: unknown): void {
    if (!this.#isStarted(span) || this.#ended.has(span)) return;
    this.#ended.add(span);
    this.#entered.delete(span);
    this.#sendWithinBudget({ step: 'end', span, microseconds: monotonicMicroseconds() });
  }

  /** Sends a step; one beyond the budget is dropped. */
  #sendWithinBudget(step: Step): void {
    if (this.#send !== undefined && this.#budget.take(step)) this.#send(step);
  }

  #isStarted(span: unknown): span is number {
    return Number.isInteger(span) && (span as number) > SCRIPT && (span as number) < this.#parents.length;
  }

  /** The innermost span around one that is open and has been entered. */
  #around(span: number): number {
    let around = this.#parents[span] ?? SCRIPT;
    while (around !== SCRIPT && !this.#entered.has(around)) around = this.#parents[around] ?? SCRIPT;
    return around;
  }
}

/** UTF-16 units of the attributes that are set at once, with an error. */
const MAX_SET_LENGTH = 16 * MAX_SPAN_TEXT;
