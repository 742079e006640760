import type { ComponentChildren } from 'preact';
import type { Failure } from '../../messages.ts';
import { Icon } from './icon.tsx';
import { Text } from './text.tsx';

/** What is shown where there is nothing to show. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p class="empty-text">{children}</p>}
    </div>
  );
}

/** Something could not be read or done. */
export function FailureNote({ failure, title }: { readonly failure: Failure; readonly title: string }) {
  return (
    <div class="note note-bad" role="alert">
      <Icon name="warning" />
      <div>
        <p class="note-title">{title}</p>
        <p class="note-text">
          <Text of={failure.message} />
        </p>
        {adviceFor(failure) && <p class="note-text">{adviceFor(failure)}</p>}
      </div>
    </div>
  );
}

function adviceFor({ from, code }: Failure): string | undefined {
  if (from !== 'cluster') return undefined;
  if (code === 403)
    return 'The role copepod-view allows reading. Another namespace can be chosen at the top of the page.';
  if (code === 404) return 'Is Copepod installed in this cluster?';
  if (code === 401) return 'The cluster does not accept these credentials: log in again.';
  return code === 0 ? 'It is tried again.' : undefined;
}
