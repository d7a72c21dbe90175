import { useSyncExternalStore } from 'react';
import { get, type Problem } from '@/api/client';
import type { Session } from '@/api/types';

type State = { session: Session | null; problem: Problem | null };
let state: State = { session: null, problem: null };
const listeners = new Set<() => void>();

function set(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

export async function loadSession(): Promise<void> {
  const answer = await get<Session>('/api/v1/session');
  set(answer.ok ? { session: answer.data, problem: null } : { session: state.session, problem: answer.problem });
}

export function setSession(session: Session): void {
  set({ session: { ...state.session, ...session }, problem: null });
}

export function useSession(): State {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
    () => state,
  );
}

export function currentSession(): Session | null {
  return state.session;
}
