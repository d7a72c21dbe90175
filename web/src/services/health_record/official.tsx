// What the city holds: checkups and vaccinations, each with its date and where it comes from.
import type { ReactNode } from 'react';
import type { Checkup, Items, Result, Vaccination } from '@/api/types';
import { Loaded, useResource } from '@/app/resource';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Chip } from '@/components/chip/chip';
import { Table } from '@/components/table/table';
import { Icon } from '@/icons/icons';
import { formatDate } from '@/language/dates';
import { T, usePreferences } from '@/language/text';
import { PersonPage, SourceChip } from './parts';

function range(result: Result): string {
  const { referenceLow: low, referenceHigh: high } = result;
  if (low !== undefined && high !== undefined) return `${low}～${high}`;
  if (high !== undefined) return `～${high}`;
  return low === undefined ? '–' : `${low}～`;
}

function Judgement({ result }: { result: Result }): ReactNode {
  if (result.judgement === undefined) return '–';
  return result.judgement === 'inside' ? (
    <Chip kind="ok" icon="check">
      <T k="checkup.inside" />
    </Chip>
  ) : (
    <Chip kind="soon" icon="info">
      <T k={`checkup.${result.judgement}`} />
    </Chip>
  );
}

export function Checkups({ person }: { person: string }): ReactNode {
  const reader = usePreferences();
  const checkups = useResource<Items<Checkup>>(`/api/v1/people/${person}/checkups`);
  return (
    <PersonPage person={person} section="/checkups" title="checkup.title" back={`/p/${person}`}>
      {() => (
        <Loaded resource={checkups}>
          {({ items }) =>
            items.length === 0 ? (
              <Banner kind="info" title={<T k="checkup.none" />}>
                <T k="checkup.none.how" />
              </Banner>
            ) : (
              <>
                {items.map((checkup) => {
                  const outside = checkup.results.filter((result) => result.judgement === 'above' || result.judgement === 'below').length;
                  return (
                    <Card key={checkup.id} title={checkup.kindName} aside={formatDate(checkup.date, reader)}>
                      <div className="mu-row">
                        <SourceChip source={checkup.source} name={checkup.sourceName} />
                        {checkup.place ? <span className="mu-sub">{checkup.place}</span> : null}
                      </div>
                      <p>{outside === 0 ? <T k="checkup.all-inside" /> : <T k="checkup.some-outside" count={outside} />}</p>
                      <Table
                        caption={<T k="checkup.results" />}
                        hideCaption
                        columns={[
                          { key: 'name', label: <T k="checkup.item" /> },
                          { key: 'value', label: <T k="checkup.value" />, number: true },
                          { key: 'range', label: <T k="checkup.range" />, number: true },
                          { key: 'judgement', label: <T k="checkup.judgement" /> },
                        ]}
                        rows={checkup.results.map((result) => ({
                          key: result.code + result.name,
                          cells: { name: result.name, value: `${result.value}${result.unit ? ` ${result.unit}` : ''}`, range: range(result), judgement: result.judgement === undefined ? '–' : <Judgement result={result} /> },
                        }))}
                      />
                    </Card>
                  );
                })}
                <p className="mu-sub">
                  <T k="checkup.note" />
                </p>
                <div className="mu-actions">
                  <Button look="secondary" icon={<Icon name="print" />} onClick={() => window.print()}>
                    <T k="record.print" />
                  </Button>
                </div>
              </>
            )
          }
        </Loaded>
      )}
    </PersonPage>
  );
}

export function Vaccinations({ person }: { person: string }): ReactNode {
  const reader = usePreferences();
  const vaccinations = useResource<Items<Vaccination>>(`/api/v1/people/${person}/vaccinations`);
  return (
    <PersonPage person={person} section="/vaccinations" title="vaccination.title" back={`/p/${person}`}>
      {() => (
        <Loaded resource={vaccinations}>
          {({ items }) =>
            items.length === 0 ? (
              <Banner kind="info" title={<T k="vaccination.none" />}>
                <T k="checkup.none.how" />
              </Banner>
            ) : (
              <>
                {items.map((item) => (
                  <Card key={item.id} title={item.dose ? <T k="vaccination.name" name={item.vaccineName} dose={item.dose} /> : item.vaccineName} aside={formatDate(item.date, reader)}>
                    <div className="mu-row">
                      <Chip kind="ok" icon="check">
                        <T k="vaccination.done" />
                      </Chip>
                      <SourceChip source={item.source} name={item.sourceName} />
                    </div>
                    {item.place || item.lot ? (
                      <dl className="mu-facts mu-facts--two">
                        {item.place ? (
                          <div>
                            <dt>
                              <T k="vaccination.place" />
                            </dt>
                            <dd>{item.place}</dd>
                          </div>
                        ) : null}
                        {item.lot ? (
                          <div>
                            <dt>
                              <T k="vaccination.lot" />
                            </dt>
                            <dd>{[item.maker, item.lot].filter(Boolean).join(' ')}</dd>
                          </div>
                        ) : null}
                      </dl>
                    ) : null}
                  </Card>
                ))}
                <p className="mu-sub">
                  <T k="vaccination.note" />
                </p>
              </>
            )
          }
        </Loaded>
      )}
    </PersonPage>
  );
}
