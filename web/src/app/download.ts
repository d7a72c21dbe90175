import { call, type Problem } from '@/api/client';

/** Asks for a file with the same session as everything else and hands it to the browser's downloads. */
export async function download(path: string, name: string, body?: unknown): Promise<Problem | null> {
  const answer = await call<Blob>(body === undefined ? 'GET' : 'POST', path, { accept: 'blob', timeout: 120_000, ...(body === undefined ? {} : { body }) });
  if (!answer.ok) return answer.problem;
  const url = URL.createObjectURL(answer.data);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return null;
}
