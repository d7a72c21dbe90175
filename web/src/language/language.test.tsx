import { describe, expect, it } from 'vitest';
import { messageValues, parseMessage, plainMessage } from './message';
import { readPreferences } from './preferences';
import { dateFromEra, eraOf, formatDate, formatInstant, formatYear, todayInJapan } from './dates';

const japanese = { language: 'ja', calendar: 'era' } as const;

describe('the message language', () => {
  it('reads values, readings and plurals in one message', () => {
    expect(parseMessage('{予防接種|よぼうせっしゅ}を{count}回')).toEqual([
      { kind: 'ruby', base: '予防接種', reading: 'よぼうせっしゅ' },
      { kind: 'text', text: 'を' },
      { kind: 'value', name: 'count' },
      { kind: 'text', text: '回' },
    ]);
  });
  it('leaves readings out of plain text and chooses one or many', () => {
    expect(plainMessage('{市|し}の{記録|きろく}')).toBe('市の記録');
    expect(plainMessage('{n} {n?try:tries} left', { n: 1 })).toBe('1 try left');
    expect(plainMessage('{n} {n?try:tries} left', { n: 3 })).toBe('3 tries left');
  });
  it('names the values it needs', () => {
    expect(messageValues('{b} {a} {漢|かん} {a?x:y}')).toEqual(['a', 'b']);
  });
  it('keeps characters outside the basic plane whole', () => {
    expect(plainMessage('{𠮷野|よしの}さん')).toBe('𠮷野さん');
  });
});

describe('dates', () => {
  it('follow the era tables on the days they change', () => {
    expect(formatDate('2026-11-22', japanese)).toBe('令和8年11月22日');
    expect(formatDate('2019-05-01', japanese)).toBe('令和元年5月1日');
    expect(formatDate('2019-04-30', japanese)).toBe('平成31年4月30日');
    expect(formatDate('1989-01-07', japanese)).toBe('昭和64年1月7日');
  });
  it('use the Western year in plain Japanese and English', () => {
    expect(formatDate('2026-11-22', { language: 'ja-easy', calendar: 'era' })).toBe('2026年11月22日');
    expect(formatDate('2026-11-22', { language: 'en', calendar: 'era' })).toBe('22 November 2026');
    expect(formatYear('2026-11-22', japanese)).toBe('R8');
  });
  it('show instants in Japan, whatever the machine says', () => {
    expect(formatInstant('2026-11-22T15:30:00Z', japanese)).toBe('令和8年11月23日 00:30');
    expect(todayInJapan(new Date('2026-11-22T15:30:00Z'))).toBe('2026-11-23');
  });
  it('go from an era to a civil date and refuse days that never were', () => {
    expect(dateFromEra('reiwa', 1, 5, 1)).toBe('2019-05-01');
    expect(dateFromEra('heisei', 31, 5, 1)).toBeNull();
    expect(dateFromEra('heisei', 7, 2, 30)).toBeNull();
    expect(dateFromEra('showa', 1, 12, 25)).toBe('1926-12-25');
    expect(eraOf('1926-12-24')).toEqual({ era: 'taisho', year: 15 });
  });
  it('hand back what they cannot read', () => {
    expect(formatDate('unknown', japanese)).toBe('unknown');
  });
});

describe('preferences', () => {
  it('survive rubbish in the storage', () => {
    expect(readPreferences('{"language":"xx","size":"large"', 'ja-JP').size).toBe('normal');
    expect(readPreferences('{"language":"xx","size":"large"}', 'en-US')).toEqual({
      language: 'en',
      size: 'large',
      theme: 'auto',
      calendar: 'era',
    });
  });
});
