import { createRoot } from 'react-dom/client';
import type { ReactNode } from 'react';
import { startCatalogue, type CatalogueLoader } from '@/language/catalogue';
import { startPreferences } from '@/language/preferences';

export async function startEntry(loader: CatalogueLoader, app: ReactNode): Promise<void> {
  startPreferences();
  await startCatalogue(loader);
  createRoot(document.getElementById('app')!).render(app);
}
