// Our own line icons on a 24-unit grid. Always beside a word, so they are hidden from screen readers.
import type { ReactNode } from 'react';

const shapes = {
  home: 'M3 11l9-8 9 8M5 10v10h5v-6h4v6h5V10',
  record: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h5',
  calendar: 'M4 6h16v15H4zM4 11h16M8 3v5M16 3v5',
  bell: 'M6 17V11a6 6 0 0112 0v6l2 2H4zM10 22h4',
  card: 'M2 5h20v14H2zM5 9h6v5H5zM14 10h5M14 14h5',
  check: 'M4 12l6 6L20 6',
  checkCircle: 'M12 3a9 9 0 100 18 9 9 0 000-18zM8 12l3 3 5-6',
  warning: 'M12 3L1.5 21h21zM12 10v5M12 18v.5',
  stop: 'M8 2h8l6 6v8l-6 6H8l-6-6V8zM12 7v6M12 16.5v.5',
  info: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v6M12 7v.5',
  close: 'M5 5l14 14M19 5L5 19',
  right: 'M9 5l7 7-7 7',
  left: 'M15 5l-7 7 7 7',
  down: 'M5 9l7 7 7-7',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  print: 'M7 8V3h10v5M7 17H3V8h18v9h-4M7 14h10v7H7z',
  download: 'M12 3v12M7 10l5 5 5-5M4 20h16',
  upload: 'M12 16V4M7 9l5-5 5 5M4 20h16',
  phone: 'M7 2h10v20H7zM11 18.5h2',
  computer: 'M3 4h18v12H3zM8 21h8M12 16v5',
  mail: 'M3 5h18v14H3zM3 6l9 7 9-7',
  key: 'M8 10a4 4 0 100 8 4 4 0 000-8zM11 11l9-8M17 6l3 3M14 9l2 2',
  person: 'M12 4a4 4 0 100 8 4 4 0 000-8zM4 21c0-5 4-7 8-7s8 2 8 7',
  people: 'M9 5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM2 20c0-4 3-6 7-6s7 2 7 6M16 5a3.5 3.5 0 010 7M18 14c2.500.6 4 2.500 4 6',
  child: 'M12 3a3.500 3.500 0 100 7 3.500 3.500 0 000-7zM6 13h12M12 10v7M9 22l3-5 3 5',
  reader: 'M3 13h18v8H3zM7 13V3h10v10M7 17h4',
  plus: 'M12 4v16M4 12h16',
  undo: 'M8 5L3 10l5 5M3 10h11a6 6 0 010 12h-3',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 100 6 3 3 0 000-6z',
  pencil: 'M4 20l1-5L16 4l4 4L9 19zM14 6l4 4',
  heart: 'M12 21S3 15 3 8.500A4.500 4.500 0 0112 6a4.500 4.500 0 019 2.500C21 15 12 21 12 21zM3.500 12H9l2-3 2 5 1.500-2H20',
  scale: 'M4 4h16v16H4zM8 9a5 5 0 018 0l-2 2h-4zM12 8l1-2',
  steps: 'M8 3c2 0 3 2 3 5s-1 5-3 5-3-2-3-5 1-5 3-5zM5.500 15.500h5M16 8c2 0 3 2 3 4.500s-1 4.500-3 4.500-3-2-3-4.500S14 8 16 8zM13.500 20h5',
  syringe: 'M14 3l7 7M17.500 6.500l-9 9-4 1 1-4 9-9M4.500 19.500L2 22M10 9l2 2M13 6l2 2',
  clipboard: 'M6 4h12v17H6zM9 2h6v4H9zM9 11h6M9 15h6',
  letter: 'M3 7h18v12H3zM3 7l9 6 9-6M8 3h8',
  building: 'M4 21V4h10v17M14 9h6v12M2 21h20M7 8h4M7 12h4M7 16h4M17 13v0M17 17v0',
  text: 'M3 19L8 5h1l5 14M4.500 15h8M15 19l3-8h1l3 8M16 16.500h5',
  globe: 'M12 3a9 9 0 100 18 9 9 0 000-18zM3 12h18M12 3c3 3 3.500 6 3.500 9s-.5 6-3.500 9c-3-3-3.500-6-3.500-9S9 6 12 3z',
  lock: 'M5 11h14v10H5zM8 11V8a4 4 0 018 0v3M12 15v2',
  shield: 'M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zM8.500 12l2.500 2.500 4.500-5',
  clock: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l4 2',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 4.500a2.500 2.500 0 100 5 2.500 2.500 0 000-5zM8 14.500a2.500 2.500 0 100 5 2.500 2.500 0 000-5z',
  search: 'M10.500 4a6.500 6.500 0 100 13 6.500 6.500 0 000-13zM15.500 15.500L21 21',
  table: 'M3 5h18v14H3zM3 10h18M3 15h18M10 5v14',
  chart: 'M3 20h18M5 16l5-6 4 3 6-8',
  signOut: 'M10 4H4v16h6M9 12h11M16 8l4 4-4 4',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6',
  help: 'M12 3a9 9 0 100 18 9 9 0 000-18zM9 10a3 3 0 116 0c0 2-3 2-3 4M12 17v.5',
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg className="mu-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}

/** The knot that gives the project its name: two cords that hold each other. */
export function Knot(): ReactNode {
  return (
    <svg viewBox="0 0 40 40" aria-hidden="true" focusable="false">
      <path className="mu-brand__knot-a" d="M4 14c8-9 20-6 21 4s-9 14-13 9 2-13 12-13" />
      <path className="mu-brand__knot-b" d="M36 26c-8 9-20 6-21-4s9-14 13-9-2 13-12 13" />
    </svg>
  );
}
