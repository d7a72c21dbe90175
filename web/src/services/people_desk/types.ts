// What the console reads from the staff part of the interface.
import type { Sex } from '@/api/types';

export interface Resident {
  id: string;
  name: string;
  kana?: string;
  birthDate: string;
  sex: Sex;
  address: string;
  postalCode?: string;
}
export type Match = 'sure' | 'doubtful' | 'none';
export type LetterStatus = 'new' | 'doubtful' | 'approved' | 'printed' | 'returned' | 'done' | 'rejected';
export interface LetterRequest {
  id: string;
  at: string;
  name: string;
  kana: string;
  birthDate: string;
  sex: Sex;
  postalCode: string;
  address: string;
  match: Match;
  candidates: Resident[];
  status: LetterStatus;
  printedAt?: string;
  printCount: number;
  codeExpiresAt?: string;
}
export interface Company {
  id: string;
  name: string;
  code: string;
  contractFrom: string;
  contractTo?: string;
  employees?: number;
}
export interface Employee {
  employeeNumber: string;
  name: string;
  kana?: string;
  birthDate: string;
}
export interface CompanyRequest {
  id: string;
  at: string;
  companyName: string;
  /** Whether the roster, as it is now, has this employee with these details. */
  onRoster: boolean;
  employeeNumber: string;
  name: string;
  kana?: string;
  birthDate: string;
}
export interface FamilyRequest {
  id: string;
  at: string;
  guardian: { id: string; name: string; address?: string };
  name: string;
  kana?: string;
  birthDate: string;
  sex?: Sex;
  address: string;
  note?: string;
  candidates: Resident[];
}
export interface FoundPerson {
  id: string;
  name: string;
  kana?: string;
  birthDate: string;
  address?: string;
}
/** What POST /api/v1/staff/people/{person}/view answers. */
export interface SeenPerson extends FoundPerson {
  email?: string;
  telephone?: string;
  source: 'card' | 'letter' | 'company' | 'register';
  closedAt?: string;
  children: { id: string; name: string }[];
  guardians: { id: string; name: string }[];
}
export interface StaffAccount {
  id: string;
  account: string;
  name: string;
  department?: string;
  roles: string[];
  active: boolean;
  hasPasskey?: boolean;
  lastSeenAt?: string;
}
export interface Role {
  id: string;
  name?: string;
  permissions: string[];
}
export interface AuditRow {
  id: string;
  at: string;
  who: string;
  organization?: string;
  role?: string;
  operation: string;
  what?: string;
  purpose?: string;
  /** The id of the person concerned. */
  person?: string;
}
