// Where the registration stands, and which page belongs to each step. The server knows the truth; the page follows.
import { useSyncExternalStore } from 'react';
import { get, type Answer, type Problem } from '@/api/client';
import type { Registration, RegistrationStep } from '@/api/types';
import { go } from '@/app/routing';

export const pathOfStep: Readonly<Record<RegistrationStep, string>> = {
  terms: '/start/terms',
  way: '/start/way',
  card: '/start/card',
  check: '/start/check',
  contact: '/start/contact',
  passcode: '/start/passcode',
  letter: '/start/letter',
  'letter-waiting': '/start/letter-code',
  company: '/start/company',
  'company-waiting': '/start/company-waiting',
  done: '/start/passkey',
};

/** Pages one may open although the server waits for another step: choosing another way before identity is proven. */
export function mayStay(path: string, registration: Registration): boolean {
  if (path === pathOfStep[registration.step]) return true;
  const choosing: RegistrationStep[] = ['card', 'letter', 'letter-waiting', 'company', 'company-waiting'];
  if (path === '/start/way') return choosing.includes(registration.step);
  if (path === '/start/letter') return registration.step === 'letter-waiting';
  return path === '/start/done' && registration.step === 'done';
}

interface State {
  registration: Registration | null;
  problem: Problem | null;
}
let state: State = { registration: null, problem: null };
const listeners = new Set<() => void>();

function set(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

export function useRegistration(): State {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
    () => state,
  );
}

export async function loadRegistration(): Promise<void> {
  const answer = await get<Registration>('/api/v1/registration');
  set(answer.ok ? { registration: answer.data, problem: null } : { ...state, problem: answer.problem });
}

/** Takes the server's answer to a step: goes on to the next page, or hands the problem back for showing. */
export function follow(answer: Answer<Registration>): Problem | null {
  if (!answer.ok) {
    if (answer.problem.code === 'registration.wrong-step') void loadRegistration();
    return answer.problem;
  }
  set({ registration: answer.data, problem: null });
  go(pathOfStep[answer.data.step]);
  return null;
}

// What has been typed, kept in memory while the person goes back and forth. Never written to the device.
const drafts = new Map<string, unknown>();

export function draft<T>(name: string, initial: T): T {
  return (drafts.get(name) as T | undefined) ?? initial;
}

export function keepDraft(name: string, value: unknown): void {
  drafts.set(name, value);
}
