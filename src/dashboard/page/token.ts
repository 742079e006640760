import { tokenOf } from './route.ts';

/**
 * The token that requests of the page carry. It is kept for this tab, until the tab is closed. Storage belongs to an origin, which
 * a port is part of, so that no other server of this machine is given the token.
 */
const KEY = 'copepod-token';

export const storedToken = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined;
export const setToken = (token: string): void => sessionStorage.setItem(KEY, token);

/**
 * Takes the token out of the page's URL, where there is one, so that it is not in the address bar and not in the history of the tab.
 * @param place fragment that takes the place of the token
 * @returns whether there was one
 */
export function takeToken(place: string): boolean {
  const token = tokenOf(location.hash);
  if (token === undefined) return false;
  setToken(token);
  history.replaceState(null, '', `${location.pathname}${place}`);
  return true;
}
