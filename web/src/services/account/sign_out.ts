import { post } from '@/api/client';
import { loadSession } from '@/app/session';

export async function signOut(): Promise<void> {
  await post('/api/v1/logout');
  await loadSession();
  location.assign('/');
}
