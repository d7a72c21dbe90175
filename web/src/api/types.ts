// The shapes of the interface by the names the pages use. They come from src/api/schema.d.ts, which `npm run generate`
// makes from the server's description of itself; a change over there that the pages do not know stops compiling here.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Session = Schemas['SessionView'];
export type Registration = Schemas['RegistrationView'];
export type RegistrationStep = Registration['step'];
export type RegistrationWay = NonNullable<Registration['way']>;
export type Sex = 'male' | 'female' | 'unknown';
export type Terms = Schemas['TermsText'];
export type Challenge = Schemas['ChallengeView'];
export type Passkey = Schemas['PasskeyView'];
export type Me = Schemas['Me'];
export type Device = Schemas['AccountSessionView'];
export type Look = Schemas['SeenView'];
export type Person = Omit<Schemas['MemberView'], 'mark'> & { readonly mark: 1 | 2 | 3 | 4 | 5 };
export type Candidate = Schemas['CandidateView'];
export type FamilyRequest = Schemas['OwnRequestView'];
export type Result = Schemas['ResultView'];
export type Checkup = Schemas['CheckupView'];
export type Vaccination = Schemas['VaccinationView'];
export type Vital = Schemas['VitalView'];
export type Source = Vital['source'];
export type VitalKind = 'blood-pressure' | 'weight' | 'steps' | 'height';
export type Summary = Schemas['SummaryView'];
export type ImportReport = Schemas['ImportReport'];
export type RowError = Schemas['CellError'];
export interface Items<T> {
  readonly items: readonly T[];
  readonly next?: string;
}
export type Immunization = Schemas['ImmunizationView'];
export type ImmunizationVaccine = Schemas['VaccineView'];
export type ImmunizationReason = Schemas['VaccineReasonView'];
export type ImmunizationDose = Schemas['ReceivedDoseView'];
export type ImmunizationAppointment = Schemas['VaccineAppointmentView'];
export type VisitPlan = Schemas['VisitPlanView'];
export type Growth = Schemas['GrowthView'];
export type GrowthMeasure = Schemas['GrowthMeasureView'];
export type GrowthEntry = Schemas['GrowthEntryView'];
