import type { IconName } from '@/icons/icons';
import type { MessageKey } from '@/language/catalogue';

export interface Area {
  path: string;
  permission: string;
  label: MessageKey;
  about: MessageKey;
  icon: IconName;
  /** The name of its number in GET /api/v1/staff/tasks, if work can wait here. */
  count?: string;
}

export const areas: readonly Area[] = [
  { path: '/console/letters', permission: 'letters.manage', label: 'desk.letters', about: 'desk.letters-about', icon: 'letter', count: 'letters' },
  { path: '/console/company-requests', permission: 'companies.manage', label: 'desk.company-requests', about: 'desk.company-requests-about', icon: 'person', count: 'companyRequests' },
  { path: '/console/companies', permission: 'companies.manage', label: 'desk.companies', about: 'desk.companies-about', icon: 'building' },
  { path: '/console/family-requests', permission: 'family.confirm', label: 'desk.family', about: 'desk.family-about', icon: 'child', count: 'familyRequests' },
  { path: '/console/notices', permission: 'notices.write', label: 'desk.notices', about: 'desk.notices-about', icon: 'bell', count: 'notices' },
  { path: '/console/people', permission: 'people.read', label: 'desk.people', about: 'desk.people-about', icon: 'search' },
  { path: '/console/users', permission: 'staff.manage', label: 'desk.users', about: 'desk.users-about', icon: 'people' },
  { path: '/console/outbox', permission: 'outbox.manage', label: 'desk.outbox', about: 'desk.outbox-about', icon: 'mail', count: 'deadLetters' },
  { path: '/console/audit', permission: 'audit.read', label: 'desk.audit', about: 'desk.audit-about', icon: 'clipboard' },
];
