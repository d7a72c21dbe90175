import type { ReactNode } from 'react';
import './card_picture.css';

/** A reader with the card on it or above it. Decoration: the list beside it says the same in words. */
export function CardPicture({ here }: { here: boolean }): ReactNode {
  return (
    <svg viewBox="0 0 240 150" className={here ? 'mu-card-picture is-here' : 'mu-card-picture'} aria-hidden="true" focusable="false">
      <rect className="mu-card-picture__reader" x="40" y="92" width="160" height="44" rx="12" />
      <path className="mu-card-picture__wave" d="M104 124c9-8 23-8 32 0M112 130c5-4 11-4 16 0" />
      <g className="mu-card-picture__card">
        <rect className="mu-card-picture__sheet" x="62" y="20" width="116" height="72" rx="8" />
        <rect className="mu-card-picture__stripe" x="62" y="20" width="116" height="14" rx="7" />
        <circle className="mu-card-picture__face" cx="152" cy="58" r="9" />
        <path className="mu-card-picture__face" d="M137 82c2-12 28-12 30 0z" />
        <path className="mu-card-picture__words" d="M74 48h46M74 60h36M74 72h42" />
      </g>
    </svg>
  );
}
