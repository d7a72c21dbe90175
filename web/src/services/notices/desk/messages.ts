import type rows from './messages.json';

type Rows = typeof rows;
declare module '@/language/catalogue' {
  interface Messages extends Rows {}
}
