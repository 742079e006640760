import { useEffect, useState } from 'preact/hooks';

/** The same width as in narrow.css. */
const NARROW = matchMedia('(max-width: 720px)');

/** Whether the page has the width of a phone. */
export function useIsNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const listen = (): void => setNarrow(NARROW.matches);
    NARROW.addEventListener('change', listen);
    return () => NARROW.removeEventListener('change', listen);
  }, []);
  return isNarrow;
}
