// The citizen's and the staff's ways in a real browser against the real server, card agent, card tray and mail.
//
//     python3 tests/system/harness.py --card-reader -- node web/tests/flow.mjs [folder for pictures]
//
// ONLY=words picks walks by their names. MUSUBI_LOOK=none walks without looking at each page, quick only small and
// light and without pictures.
import { run } from './walking.mjs';
import { account } from './walks/account.mjs';
import { card } from './walks/card.mjs';
import { company } from './walks/company.mjs';
import { desk } from './walks/desk.mjs';
import { family } from './walks/family.mjs';
import { halls } from './walks/halls.mjs';
import { letter } from './walks/letter.mjs';
import { trouble } from './walks/trouble.mjs';

await run({ ...card, ...trouble, ...letter, ...company, ...family, ...account, ...desk, ...halls });
