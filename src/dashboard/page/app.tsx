import type { ComponentType } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { AnyRow, Kind, Session } from '../messages.ts';
import type { DetailProps } from './detail/detail-props.ts';
import { Endpoint } from './detail/endpoint.tsx';
import { Execution } from './detail/execution.tsx';
import { Runtime } from './detail/runtime.tsx';
import { Schedule } from './detail/schedule.tsx';
import { Header } from './header.tsx';
import { Endpoints } from './list/endpoints.tsx';
import { Executions } from './list/executions.tsx';
import type { ListProps } from './list/list-props.ts';
import { Runtimes } from './list/runtimes.tsx';
import { Schedules } from './list/schedules.tsx';
import { type Connection, Live } from './live.ts';
import { FailureNote } from './parts/message.tsx';
import { fragmentOf, type Place, parsePlace } from './route.ts';
import { SignIn } from './sign-in.tsx';
import { Store } from './store.ts';
import { Tabs } from './tabs.tsx';
import { giveToken } from './token-channel.ts';
import { useRequest } from './use-request.ts';

const LISTS = { executions: Executions, runtimes: Runtimes, schedules: Schedules, endpoints: Endpoints } as const;
const DETAILS = { executions: Execution, runtimes: Runtime, schedules: Schedule, endpoints: Endpoint } as const;

/** The page: the session first, then the lists. */
export function App() {
  const [attempt, setAttempt] = useState(0);
  const { value: session, failure } = useRequest<Session>('/api/session', String(attempt));
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  if (failure !== undefined && failure.code !== 0) return <SignIn failure={failure} onSignedIn={again} />;
  if (failure !== undefined) {
    return (
      <main class="alone">
        <FailureNote failure={failure} title="No answer" />
        <button type="button" class="button" onClick={again}>
          Try again
        </button>
      </main>
    );
  }
  return session === undefined ? null : <Dashboard session={session} onSignedOut={again} />;
}

function Dashboard({ session, onSignedOut }: { readonly session: Session; readonly onSignedOut: () => void }) {
  const [place, setPlace] = usePlace();
  const scope = place.scope ?? session.namespace;
  const { store, connection, revision, now } = useLive(scope);
  useEffect(() => {
    if (connection.state === 'signed-out') onSignedOut();
  }, [connection.state, onSignedOut]);
  // A token of a cluster outlives a dashboard: it stays in the tab that it was pasted into.
  useEffect(() => (session.auth === 'Kubeconfig' ? giveToken() : undefined), [session.auth]);

  const { kind, open } = place;
  const known = useMemo(() => ({ ...store.of(kind) }), [store, kind, revision]);
  const row = useMemo(() => open && store.get(kind, open.namespace, open.name), [store, kind, open, revision]);
  const main = useRef<HTMLDivElement>(null);
  const close = useCallback(() => {
    setPlace({ scope, kind, open: undefined });
    main.current?.querySelector<HTMLElement>('[role=grid]')?.focus();
  }, [setPlace, scope, kind]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && open !== undefined && document.querySelector('dialog[open]') === null) close();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [open, close]);

  const List = LISTS[kind] as unknown as ComponentType<ListProps<Kind>>;
  const Detail = DETAILS[kind] as unknown as ComponentType<DetailProps<Kind>>;
  const openRow = ({ namespace, name }: AnyRow): void => setPlace({ scope, kind, open: { namespace, name } });
  const linkTo = (other: Kind, name: string): string =>
    fragmentOf({ scope, kind: other, open: { namespace: open?.namespace ?? scope, name } });
  return (
    <>
      <Header
        session={session}
        scope={scope}
        connection={connection}
        onScope={(to) => setPlace({ scope: to, kind, open: undefined })}
      />
      <Tabs store={store} scope={scope} kind={kind} />
      <main class={open === undefined ? 'main' : 'main main-open'} ref={main}>
        <div class="list">
          {known.failure !== undefined && <FailureNote failure={known.failure} title={`The ${kind} cannot be read`} />}
          {known.failure === undefined && !known.isComplete && known.rows.size === 0 ? (
            <p class="reading">Reading…</p>
          ) : (
            <List key={kind} known={known} now={now} isEverywhere={scope === ''} openUid={row?.uid} onOpen={openRow} />
          )}
        </div>
        {open !== undefined && (
          <Detail
            key={`${kind}/${open.namespace}/${open.name}`}
            row={row}
            namespace={open.namespace}
            name={open.name}
            isComplete={known.isComplete}
            now={now}
            onClose={close}
            linkTo={linkTo}
          />
        )}
      </main>
    </>
  );
}

/** The place that the URL names. */
function usePlace(): readonly [Place, (place: Place) => void] {
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const listen = (): void => setFragment(location.hash);
    addEventListener('hashchange', listen);
    return () => removeEventListener('hashchange', listen);
  }, []);
  const place = useMemo(() => parsePlace(fragment), [fragment]);
  const go = useCallback((to: Place) => {
    location.hash = fragmentOf(to);
  }, []);
  return [place, go];
}

/** How often ages move on. */
const TICK_MS = 1000;

/** The objects of a namespace, live: rendered at most once a frame, however many change. */
function useLive(scope: string) {
  const store = useMemo(() => new Store(), []);
  const [revision, setRevision] = useState(store.revision);
  const [connection, setConnection] = useState<Connection>({ state: 'connecting' });
  const [now, setNow] = useState(store.now());
  useEffect(() => {
    store.clear();
    let frame = 0;
    const live = new Live(store, scope, (changed) => {
      if (changed !== undefined) setConnection((before) => (before.state === changed.state ? before : changed));
      if (frame !== 0) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        setRevision(store.revision);
        setNow(store.now());
      });
    });
    const ticking = setInterval(() => setNow(store.now()), TICK_MS);
    return () => {
      live.close();
      cancelAnimationFrame(frame);
      clearInterval(ticking);
    };
  }, [store, scope]);
  return { store, connection, revision, now };
}
