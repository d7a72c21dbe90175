// The message files that every citizen meets: each key in them is known to the compiler, any other does not compile.
// An entry with a catalogue of its own adds its keys by merging into `Messages` (see its messages.ts).
import type app from '../app/messages.json';
import type card from '../app/card_reading/messages.json';
import type charts from '../charts/messages.json';
import type errors from '../errors/messages.json';
import type pages from '../pages/messages.json';
import type account from '../services/account/messages.json';
import type family from '../services/family/messages.json';
import type growth from '../services/growth/messages.json';
import type immunization from '../services/immunization/messages.json';
import type notices from '../services/notices/messages.json';
import type record from '../services/health_record/messages.json';
import type registration from '../services/registration/messages.json';
import type signIn from '../services/sign_in/messages.json';
import type language from './messages.json';

export type SharedMessages = typeof app &
  typeof card &
  typeof charts &
  typeof errors &
  typeof pages &
  typeof account &
  typeof family &
  typeof growth &
  typeof immunization &
  typeof notices &
  typeof record &
  typeof registration &
  typeof signIn &
  typeof language;
