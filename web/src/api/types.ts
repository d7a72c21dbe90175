// The shapes of the interface as the web reads them; compared with the server's OpenAPI file by api/contract.ts.
export interface Session {
  kind: 'anonymous' | 'citizen' | 'staff';
  person?: { id: string; name: string; kana?: string };
  staff?: { id: string; name: string; permissions: string[] };
  assurance?: string;
  signedInAt?: string;
  demo: boolean;
  municipality: { code: string; name: string; nameEn: string; telephone: string; hours: string };
}

export type RegistrationStep =
  | 'terms' | 'way' | 'card' | 'check' | 'contact' | 'passcode' | 'letter' | 'letter-waiting' | 'company' | 'company-waiting' | 'done';
export type RegistrationWay = 'card-reader' | 'phone' | 'letter' | 'company';
export type Sex = 'male' | 'female' | 'unknown';

export interface Registration {
  id: string;
  step: RegistrationStep;
  email: string;
  language: string;
  termsVersion?: string;
  way?: RegistrationWay;
  attributes?: { name: string; nameHasSubstitutes: boolean; address: string; birthDate: string; sex: Sex };
  telephone?: string;
  expiresAt: string;
  personId?: string;
}

export interface Terms {
  version: string;
  title: string;
  sections: { heading: string; text: string }[];
}

export interface Challenge {
  challengeId: string;
  nonce: string;
  origin: string;
  purpose: string;
  expiresAt: string;
}

export interface Passkey {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt?: string;
}

export interface Me {
  person: { id: string; name: string; kana?: string; birthDate: string; sex: Sex; address: string; source: string; certifiedAt?: string };
  email: string;
  telephone?: string;
  hasPassword: boolean;
  language: string;
  certificates: { type: string; serialSuffix: string; notAfter: string; status: string }[];
  closing?: { closedAt: string; eraseAt: string };
}

export interface Device {
  id: string;
  current: boolean;
  signedInAt: string;
  lastSeenAt: string;
  device: string;
  assurance: string;
}

export interface Look {
  at: string;
  who: string;
  organization?: string;
  role?: string;
  purpose?: string;
  what: string;
  operation: string;
}

export interface Person {
  id: string;
  name: string;
  kana?: string;
  birthDate: string;
  relation: 'self' | 'child';
  mark: 1 | 2 | 3 | 4 | 5;
}

export type Source = 'city' | 'self';
export interface Result {
  code: string;
  name: string;
  value: number | string;
  unit?: string;
  referenceLow?: number;
  referenceHigh?: number;
  judgement?: 'inside' | 'above' | 'below';
}
export interface Checkup {
  id: string;
  date: string;
  kind: string;
  kindName: string;
  place?: string;
  source: Source;
  sourceName: string;
  results: Result[];
}
export interface Vaccination {
  id: string;
  date: string;
  vaccine: string;
  vaccineName: string;
  dose?: number;
  lot?: string;
  maker?: string;
  place?: string;
  source: Source;
  sourceName: string;
}
export type VitalKind = 'blood-pressure' | 'weight' | 'steps' | 'height';
export interface Vital {
  id: string;
  at?: string;
  date: string;
  values: { systolic?: number; diastolic?: number; pulse?: number; value?: number };
  unit: string;
  source: Source;
  sourceName: string;
  note?: string;
}
export interface Summary {
  person: Person;
  latestCheckup?: Checkup;
  latestBloodPressure?: Vital;
  latestWeight?: Vital;
  stepsToday?: number;
  vaccinationCount: number;
  counts?: Record<string, number>;
}
export interface RowError {
  row: number;
  column?: string;
  code: string;
}
export interface ImportReport {
  accepted: number;
  skipped?: number;
  errors: RowError[];
}
export interface Items<T> {
  items: T[];
  next?: string;
}
