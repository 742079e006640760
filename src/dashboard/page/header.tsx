import { useState } from 'preact/hooks';
import type { Session } from '../messages.ts';
import type { Connection } from './live.ts';
import { Icon } from './parts/icon.tsx';
import { Text } from './parts/text.tsx';
import { applyTheme, storedTheme, type Theme } from './theme.ts';
import { useRequest } from './use-request.ts';

interface HeaderProps {
  readonly session: Session;
  readonly scope: string;
  readonly connection: Connection;
  readonly onScope: (scope: string) => void;
}

/** The cluster, the namespace, the viewer, the connection and the theme. */
export function Header({ session, scope, connection, onScope }: HeaderProps) {
  return (
    <header class="header">
      <a class="brand" href="#/">
        <img src="/icon.svg" alt="" width="26" height="26" />
        <h1>Copepod</h1>
      </a>
      <Scope key={scope} scope={scope} onScope={onScope} />
      <p class="who">
        <span class="who-user">
          <Text of={session.user ?? ''} />
        </span>
        <span class="who-cluster">
          <Text of={session.cluster} />
        </span>
      </p>
      <p class={`connection connection-${connection.state}`} role="status">
        <span class="connection-dot" aria-hidden="true" />
        {SAYS[connection.state]}
      </p>
      <ThemeSwitch />
    </header>
  );
}

const SAYS: Readonly<Record<Connection['state'], string>> = {
  connecting: 'Connecting',
  live: 'Live',
  paused: 'Paused',
  lost: 'Connection lost, trying again',
  'signed-out': 'Signed out',
};

/** The namespace: one that is typed, for viewers that may not list them, or one of those that there are. */
function Scope({ scope, onScope }: Pick<HeaderProps, 'scope' | 'onScope'>) {
  const { value } = useRequest<{ readonly names: readonly string[] }>('/api/namespaces');
  const [text, setText] = useState(scope);
  const choose = (to: string): void => {
    if (to !== scope && /^[a-z0-9-]{0,63}$/.test(to)) onScope(to);
  };
  return (
    <div class="scope">
      <label for="scope">Namespace</label>
      <input
        id="scope"
        list="namespaces"
        placeholder="all namespaces"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          if (value?.names.includes(event.currentTarget.value)) choose(event.currentTarget.value);
        }}
        onKeyDown={(event) => event.key === 'Enter' && choose(text.trim())}
        onBlur={() => choose(text.trim())}
      />
      <datalist id="namespaces">
        {(value?.names ?? []).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  );
}

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'Theme of the system'],
  ['light', 'Light theme'],
  ['dark', 'Dark theme'],
];

function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme());
  return (
    <div class="themes" role="group" aria-label="Theme">
      {THEMES.map(([each, label]) => (
        <button
          key={each}
          type="button"
          class="button button-icon"
          aria-label={label}
          title={label}
          aria-pressed={theme === each}
          onClick={() => {
            applyTheme(each);
            setTheme(each);
          }}
        >
          <Icon name={each as 'system' | 'light' | 'dark'} />
        </button>
      ))}
    </div>
  );
}
