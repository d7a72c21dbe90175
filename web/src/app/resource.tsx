// Reading something from the server for a page: loading, there, or refused with its problem and a way to try again.
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { get, type Problem } from '@/api/client';
import { T } from '@/language/text';
import { ProblemNotice } from './problem';

export interface Resource<T> {
  data: T | null;
  problem: Problem | null;
  reload: () => Promise<void>;
  /** For changes that are already known here (an entry just added), before the server is asked again. */
  change: (update: (data: T) => T) => void;
}

export function useResource<T>(path: string | null): Resource<T> {
  const [data, setData] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef<string | null>(null);
  const reload = useCallback(async () => {
    if (path === null) return;
    asked.current = path;
    const answer = await get<T>(path);
    if (asked.current !== path) return; // another page was opened meanwhile
    setData(answer.ok ? answer.data : null);
    setProblem(answer.ok ? null : answer.problem);
  }, [path]);
  useEffect(() => {
    setData(null);
    setProblem(null);
    void reload();
    return () => {
      asked.current = null;
    };
  }, [reload]);
  return { data, problem, reload, change: (update) => setData((old) => (old === null ? old : update(old))) };
}

export function Loaded<T>({ resource, children }: { resource: Resource<T>; children: (data: T) => ReactNode }): ReactNode {
  if (resource.problem) return <ProblemNotice problem={resource.problem} onRetry={() => void resource.reload()} reading />;
  if (resource.data === null) return <Skeleton />;
  return <>{children(resource.data)}</>;
}

/** Appears only when loading takes noticeable time; after three seconds words say that it goes on. */
export function Skeleton(): ReactNode {
  const [phase, setPhase] = useState(0);
  useEffect(() => {
    const first = setTimeout(() => setPhase(1), 300);
    const second = setTimeout(() => setPhase(2), 3_000);
    return () => {
      clearTimeout(first);
      clearTimeout(second);
    };
  }, []);
  if (phase === 0) return null;
  return (
    <div className="mu-stack" aria-busy="true">
      <div className="mu-skeleton" aria-hidden="true" />
      {phase === 2 ? (
        <p role="status">
          <T k="app.still-loading" />
        </p>
      ) : null}
    </div>
  );
}
