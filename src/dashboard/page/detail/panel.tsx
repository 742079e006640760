import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from '../parts/icon.tsx';

interface PanelProps {
  /** What kind of object it is. */
  readonly what: string;
  readonly namespace: string;
  readonly name: string;
  readonly badge: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** One object, beside the list; on a phone in its place. It takes the focus when it opens. */
export function Panel({ what, namespace, name, badge, actions, onClose, children }: PanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => heading.current?.focus({ preventScroll: true }), [namespace, name]);
  return (
    <section class="panel" aria-labelledby={id}>
      <header class="panel-head">
        <div class="panel-title">
          <p class="panel-what">
            {what} <span class="quiet">in</span> {namespace}
          </p>
          <h2 id={id} tabIndex={-1} ref={heading}>
            {name}
          </h2>
        </div>
        <button type="button" class="button button-icon" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          <Icon name="close" />
        </button>
        <div class="panel-bar">
          {badge}
          {actions}
        </div>
      </header>
      <div class="panel-body">{children}</div>
    </section>
  );
}
