import { useState, type FormEvent, type ReactNode } from 'react';
import { patch, post, type Problem } from '@/api/client';
import type { Items } from '@/api/types';
import { Page } from '@/app/page';
import { fieldErrors, ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Checkbox } from '@/components/checkbox/checkbox';
import { Chip } from '@/components/chip/chip';
import { Field } from '@/components/field/field';
import { DataText, T, useText } from '@/language/text';
import type { Role, StaffAccount } from './types';

/** Shown once: the password with which the account is opened for the first time. */
interface FirstPassword {
  password: string;
}

function Roles({ name, roles, held, onChange }: { name: string; roles: readonly Role[]; held: readonly string[]; onChange: (roles: string[]) => void }): ReactNode {
  return (
    <fieldset className="mu-stack mu-stack--tight">
      <legend><T k="desk.roles" /></legend>
      {roles.map((role) => (
        <Checkbox
          key={role.id}
          name={`${name}-${role.id}`}
          label={<DataText name={`desk.role.${role.id}`} fallback={role.name ?? role.id} />}
          checked={held.includes(role.id)}
          onChange={(on) => onChange(on ? [...held, role.id] : held.filter((other) => other !== role.id))}
        />
      ))}
    </fieldset>
  );
}

function Account({ account, roles, onChanged }: { account: StaffAccount; roles: readonly Role[]; onChanged: () => void }): ReactNode {
  const [held, setHeld] = useState<string[]>(account.roles);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [first, setFirst] = useState<string | null>(null);
  const change = async (body: { roles: string[]; active: boolean }) => {
    setBusy(true);
    const answer = await patch(`/api/v1/staff/accounts/${account.id}`, body);
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onChanged();
  };
  const reset = async () => {
    setBusy(true);
    const answer = await post<FirstPassword>(`/api/v1/staff/accounts/${account.id}/reset`);
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setFirst(answer.data.password);
  };
  return (
    <Card title={account.name} aside={account.active ? <Chip kind="ok"><T k="desk.active" /></Chip> : <Chip><T k="desk.inactive" /></Chip>}>
      <div className="mu-stack">
        {problem ? <ProblemNotice problem={problem} /> : null}
        <p className="mu-code">{account.account}</p>
        <Roles name={account.id} roles={roles} held={held} onChange={setHeld} />
        {first ? <Banner kind="soon" announced title={<T k="desk.first-password" />}><span className="mu-code">{first}</span></Banner> : null}
        <div className="mu-row">
          <Button busy={busy} onClick={() => void change({ roles: held, active: account.active })}><T k="desk.save" /></Button>
          <Button look="secondary" busy={busy} onClick={() => void reset()}><T k="desk.reset-access" /></Button>
          <Button look="secondary" busy={busy} onClick={() => void change({ roles: held, active: !account.active })}><T k={account.active ? 'desk.stop-account' : 'desk.open-account'} /></Button>
        </div>
      </div>
    </Card>
  );
}

function NewAccount({ roles, onMade }: { roles: readonly Role[]; onMade: () => void }): ReactNode {
  const [account, setAccount] = useState('');
  const [name, setName] = useState('');
  const [department, setDepartment] = useState('');
  const [held, setHeld] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [first, setFirst] = useState<string | null>(null);
  const errors = fieldErrors(problem);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const answer = await post<FirstPassword>('/api/v1/staff/accounts', { account, name, department, roles: held });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return;
    setFirst(answer.data.password);
    setAccount('');
    setName('');
    onMade();
  };
  return (
    <Card title={<T k="desk.new-account" />}>
      <form className="mu-stack" onSubmit={(event) => void submit(event)}>
        {problem ? <ProblemNotice problem={problem} /> : null}
        {first ? <Banner kind="soon" announced title={<T k="desk.first-password" />}><span className="mu-code">{first}</span></Banner> : null}
        <Field name="account" label={<T k="desk.account" />} value={account} onChange={setAccount} error={errors.account} need="required" spellCheck={false} autoComplete="off" />
        <Field name="name" label={<T k="desk.name" />} value={name} onChange={setName} error={errors.name} need="required" autoComplete="off" />
        <Field name="department" label={<T k="desk.department" />} value={department} onChange={setDepartment} error={errors.department} need="required" autoComplete="off" />
        <Roles name="new" roles={roles} held={held} onChange={setHeld} />
        <Button type="submit" busy={busy}><T k="desk.make-account" /></Button>
      </form>
    </Card>
  );
}

export function Accounts(): ReactNode {
  const t = useText();
  const accounts = useResource<Items<StaffAccount>>('/api/v1/staff/accounts');
  const roles = useResource<Items<Role>>('/api/v1/staff/roles');
  return (
    <Page title={t('desk.users')} back={{ href: '/console', label: <T k="desk.today" /> }} wide>
      <Loaded resource={roles}>
        {(known) => (
          <>
            <Loaded resource={accounts}>
              {({ items }) => (
                <div className="mu-stack">
                  {items.map((account) => (
                    <Account key={`${account.id}-${account.active}-${account.roles.join()}`} account={account} roles={known.items} onChanged={() => void accounts.reload()} />
                  ))}
                </div>
              )}
            </Loaded>
            <NewAccount roles={known.items} onMade={() => void accounts.reload()} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
