import { terminalText } from '../../../api/text.ts';

interface TextProps {
  readonly of: string;
  /** Keeps line feeds and tabs. */
  readonly multiline?: boolean;
}

/**
 * A text of a script or of another user: one text node, in which characters that would hide or reorder what is written (terminal
 * escapes, bidirectional controls) are written as JavaScript escapes.
 */
export const Text = ({ of, multiline = false }: TextProps) => <>{terminalText(of, { multiline })}</>;
