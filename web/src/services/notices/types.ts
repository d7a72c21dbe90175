import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Line = Schemas['NoticeLine'];
export type Inbox = Schemas['Inbox'];
export type Notice = Schemas['NoticeView'];
export type Choice = Schemas['Choice'];
