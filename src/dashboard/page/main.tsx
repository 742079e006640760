import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme, storedTheme } from './theme.ts';
import { takeToken } from './token.ts';

takeToken('');
// A URL that differs by its fragment alone loads no page: the printed URL, opened in a tab that shows the dashboard already.
addEventListener('hashchange', ({ oldURL }) => {
  if (takeToken(new URL(oldURL).hash)) location.reload();
});
applyTheme(storedTheme());
render(<App />, document.getElementById('page') as HTMLElement);
