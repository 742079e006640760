import { useState } from 'preact/hooks';
import type { Failure } from '../messages.ts';
import { forgetToken, hasToken, setToken } from './api.ts';
import { Text } from './parts/text.tsx';

interface SignInProps {
  readonly failure: Failure;
  readonly onSignedIn: () => void;
}

/** Shown to a browser that the dashboard does not know, or whose token the cluster does not accept. */
export function SignIn({ failure, onSignedIn }: SignInProps) {
  const [token, setText] = useState('');
  const isTokenWanted = /token of the cluster/.test(failure.message) || (failure.from === 'cluster' && hasToken());
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
            forgetToken();
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
