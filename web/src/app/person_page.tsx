// Every page about one person begins with whose it is.
import type { ReactNode } from 'react';
import type { Items, Person, Source } from '@/api/types';
import { Chip } from '@/components/chip/chip';
import { PersonSwitcher } from '@/components/person_switcher/person_switcher';
import type { MessageKey } from '@/language/catalogue';
import { ageInYears, todayInJapan } from '@/language/dates';
import { T, useText } from '@/language/text';
import { Page } from './page';
import { Loaded, useResource, type Resource } from './resource';

export function usePeople(): Resource<Items<Person>> {
  return useResource<Items<Person>>('/api/v1/people');
}

/** Every record page begins with whose record it is; the person is in the address, never only in a store. */
export function PersonPage(props: { person: string; section?: string; title: MessageKey; what?: MessageKey; back?: string; children: (person: Person) => ReactNode }): ReactNode {
  const t = useText();
  const people = usePeople();
  const found = people.data?.items.find((one) => one.id === props.person);
  const today = todayInJapan(new Date());
  return (
    <Page
      title={t(props.title, { name: found?.name ?? '', what: props.what ? t(props.what) : '' })}
      heading={<T k={props.title} name={found?.name ?? ''} what={props.what ? <T k={props.what} /> : null} />}
      {...(props.back ? { back: { href: props.back, label: <T k="record.back" /> } } : {})}
    >
      <Loaded resource={people}>
        {({ items }) => (
          <>
            {items.length > 1 ? (
              <PersonSwitcher
                label={t('record.whose')}
                current={props.person}
                people={items.map((one) => ({
                  id: one.id,
                  name: one.name,
                  ...(one.kana ? { kana: one.kana } : {}),
                  mark: one.mark,
                  href: `/p/${one.id}${props.section ?? ''}`,
                  about: one.relation === 'self' ? <T k="record.you" /> : <T k="record.age" count={ageInYears(one.birthDate, today)} />,
                }))}
              />
            ) : null}
            {found ? props.children(found) : <T k="record.not-yours" />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

export function SourceChip({ source, name }: { source: Source; name: string }): ReactNode {
  return source === 'city' ? (
    <Chip kind="primary" icon="shield">
      <T k="record.source.city" />
      {name ? `・${name}` : ''}
    </Chip>
  ) : (
    <Chip icon="pencil">{name || <T k="record.source.self" />}</Chip>
  );
}
