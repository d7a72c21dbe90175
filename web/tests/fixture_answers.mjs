// Example answers in the shapes of doc/api/openapi.json. Invented people of the demonstration city.
import { readFileSync } from 'node:fs';

// What the vaccination engine answers for the baby below, in each language.
const vaccinations = JSON.parse(readFileSync(new URL('fixture_immunization.json', import.meta.url), 'utf8'));
const growth = JSON.parse(readFileSync(new URL('fixture_growth.json', import.meta.url), 'utf8'));

const self = '0190a000-0000-7000-8000-000000000001';
const child = '0190a000-0000-7000-8000-000000000002';
const baby = '0190a000-0000-7000-8000-000000000003';
const municipality = { code: '999999', name: '見本市', nameEn: 'Mihon City', telephone: '079-000-0000', hours: '平日 8:35～17:20' };

const people = [
  { id: self, name: '𠮷野 美咲', kana: 'よしの みさき', birthDate: '1970-03-08', relation: 'self', mark: 1 },
  { id: child, name: '𠮷野 はると', kana: 'よしの はると', birthDate: '2021-05-04', relation: 'child', mark: 2 },
  { id: baby, name: '𠮷野 みなと', kana: 'よしの みなと', birthDate: '2026-05-20', relation: 'child', mark: 3 },
];

const results = (year) => [
  { code: '8480-6', name: '最高血圧', value: 118 + year * 4, unit: 'mmHg', referenceHigh: 129, judgement: year > 2 ? 'above' : 'inside' },
  { code: '8462-4', name: '最低血圧', value: 72 + year * 2, unit: 'mmHg', referenceHigh: 84, judgement: 'inside' },
  { code: '4548-4', name: 'ヘモグロビンA1c（NGSP）', value: 5.4 + year * 0.1, unit: '%', referenceHigh: 5.5, judgement: year > 1 ? 'above' : 'inside' },
  { code: '29463-7', name: '体重', value: 56.4 + year * 0.7, unit: 'kg' },
];
const checkups = [4, 3, 2, 1, 0].map((year) => ({
  id: `checkup-${year}`, date: `${2022 + year}-06-12`, kind: 'specific', kindName: '特定健康診査', place: '見本市保健センター', source: 'city', sourceName: '見本市', results: results(year),
}));
const pressure = [
  ...checkups.map((one, at) => ({ id: `p-${at}`, at: `${one.date}T00:30:00Z`, date: one.date, values: { systolic: one.results[0].value, diastolic: one.results[1].value }, unit: 'mmHg', source: 'city', sourceName: '見本市' })),
  { id: 'p-own', at: '2026-11-20T22:30:00Z', date: '2026-11-21', values: { systolic: 128, diastolic: 79, pulse: 66 }, unit: 'mmHg', source: 'self', sourceName: '自分で入力', note: '朝ごはんのあと' },
];
const weight = checkups.map((one, at) => ({ id: `w-${at}`, at: `${one.date}T00:30:00Z`, date: one.date, values: { value: one.results[3].value }, unit: 'kg', source: 'city', sourceName: '見本市' }));

const registration = (step, way = 'card-reader') => ({
  id: 'registration-1', step, email: 'misaki@example.jp', language: 'ja', way, expiresAt: '2026-11-23T06:00:00Z',
  attributes: { name: '吉野 美咲', nameHasSubstitutes: true, address: '見本県見本市中央一丁目２番３号', birthDate: '1970-03-08', sex: 'female' },
});

const looks = [
  { at: '2026-11-20T01:12:00Z', who: '佐藤 ちひろ', organization: '見本市保健センター', role: 'health-centre', purpose: 'health-guidance', what: '健診の結果', operation: 'people.view' },
  { at: '2026-11-02T08:40:00Z', who: '𠮷野 美咲', what: '体重の記録', operation: 'vitals.create' },
];

export function answers(state, method, url, _body) {
  const path = url.pathname.replace('/api/v1', '');
  const key = `${method} ${path}`;
  const fixed = {
    'GET /session': [200, { kind: state.session, ...(state.session === 'citizen' ? { person: { id: self, name: '𠮷野 美咲', kana: 'よしの みさき' }, assurance: 'card' } : {}), demo: true, municipality }],
    'GET /registration': [200, registration(state.registration, state.way)],
    'POST /registrations': [202, { email: 'misaki@example.jp' }],
    'POST /registration/challenge': [200, { challengeId: 'c-1', nonce: 'AAAA', origin: 'http://localhost', purpose: 'register', expiresAt: '2026-11-23T06:00:00Z' }],
    'GET /terms': [200, { version: '2026-10', title: '見本市 健康記録サービス 利用規約', sections: [
      { heading: '1. このサービスについて', text: '市の健診や予防接種の記録と、あなたが入れた記録を、あなたが見るためのものです。' },
      { heading: '2. 情報の扱い', text: '市は、法律と条例に決められた場合のほか、あなたの同意なしに記録を外へ出しません。' },
      { heading: '3. やめるとき', text: 'いつでもやめられます。やめて30日たつと記録は消えます。' } ] }],
    'GET /people': [200, { items: people }],
    'GET /me/seen': [200, { items: looks, next: 'x' }],
    'GET /me': [200, { person: { ...people[0], sex: 'female', address: '見本県見本市中央一丁目２番３号', source: 'card', certifiedAt: '2026-11-22T05:00:00Z' }, email: 'misaki@example.jp', telephone: '090-1234-5678', hasPassword: true, language: 'ja', certificates: [{ type: 'signature', serialSuffix: '3F2A', notAfter: '2030-03-08T14:59:59Z', status: 'good' }, { type: 'user', serialSuffix: '91C0', notAfter: '2030-03-08T14:59:59Z', status: 'good' }] }],
    'GET /me/sessions': [200, { items: [{ id: 's-1', current: true, signedInAt: '2026-11-22T05:00:00Z', lastSeenAt: '2026-11-22T06:00:00Z', device: 'Linux Chrome', assurance: 'card' }, { id: 's-2', current: false, signedInAt: '2026-11-01T05:00:00Z', lastSeenAt: '2026-11-20T06:00:00Z', device: 'iPhone Safari', assurance: 'passkey' }] }],
    'GET /passkeys': [200, { items: [{ id: 'k-1', name: 'iPhone Safari', createdAt: '2026-11-01T05:00:00Z', lastUsedAt: '2026-11-20T06:00:00Z' }] }],
    'GET /family/candidates': [200, { items: [{ residentId: 'r-9', name: '𠮷野 あおい', kana: 'よしの あおい', birthDate: '2026-04-10' }] }],
    'GET /family/requests': [200, { items: [{ id: 'f-1', at: '2026-11-10T02:00:00Z', name: '山本 そら', status: 'new' }] }],
  };
  if (fixed[key]) return fixed[key];
  const record = /^GET \/people\/([^/]+)\/(.*)$/.exec(key);
  if (!record) return null;
  const person = people.find((one) => one.id === record[1]) ?? people[0];
  return {
    summary: [200, { person, latestCheckup: checkups[0], latestBloodPressure: pressure.at(-1), latestWeight: weight[0], stepsToday: 6421, vaccinationCount: 2, counts: {} }],
    checkups: [200, { items: checkups.slice(0, 2) }],
    vaccinations: [200, { items: [
      { id: 'v-1', date: '2025-11-08', vaccine: 'influenza', vaccineName: 'インフルエンザ', dose: 1, lot: 'HK0917', maker: '見本製薬', place: '見本市民病院', source: 'city', sourceName: '見本市' },
      { id: 'v-2', date: '2024-03-02', vaccine: 'pneumococcal', vaccineName: '成人用肺炎球菌', dose: 1, place: 'まちのクリニック', source: 'city', sourceName: '見本市' } ] }],
    'vitals/blood-pressure': [200, { items: pressure }],
    'vitals/weight': [200, { items: weight }],
    'vitals/steps': [200, { items: [] }],
    seen: [200, { items: [] }],
    immunization: [200, (vaccinations[state.language] ?? vaccinations.ja).immunization],
    'immunization/plan': [200, (vaccinations[state.language] ?? vaccinations.ja).plan],
    growth: [200, growth],
  }[record[2]] ?? null;
}

export const personId = self;
export const babyId = baby;
