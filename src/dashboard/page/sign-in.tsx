import { useEffect, useState } from 'preact/hooks';
import type { Failure } from '../messages.ts';
import { Text } from './parts/text.tsx';
import { setToken, storedToken } from './token.ts';
import { askForToken } from './token-channel.ts';

interface SignInProps {
  readonly failure: Failure;
  readonly onSignedIn: () => void;
}

/** Shown to a browser that the dashboard does not know, or whose token the cluster does not accept. */
export function SignIn({ failure, onSignedIn }: SignInProps) {
  const [token, setText] = useState('');
  // Without a token in this tab, the one that the cluster refuses comes from a proxy.
  const isTokenWanted =
    failure.auth === 'Bearer' &&
    ((failure.code === 401 && failure.from === 'dashboard') || storedToken() !== undefined);
  useEffect(
    () =>
      askForToken((given) => {
        setToken(given);
        onSignedIn();
      }),
    [onSignedIn],
  );
  return (
    <main class="alone">
      <img src="/icon.svg" alt="" width="48" height="48" />
      <h1>Copepod</h1>
      <p class="alone-text">
        <Text of={failure.message} />
      </p>
      {isTokenWanted && (
        <form
          class="sign-in"
          onSubmit={(event) => {
            event.preventDefault();
            setToken(token.trim());
            onSignedIn();
          }}
        >
          <label for="token">Bearer token</label>
          <input
            id="token"
            type="password"
            autocomplete="off"
            required
            value={token}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="submit" class="button button-main">
            Sign in
          </button>
          <p class="quiet">It is kept in this tab alone, and sent with each request of the page.</p>
        </form>
      )}
    </main>
  );
}
