import { PersonSwitcher } from './person_switcher';

export default {
  title: '人の切りかえ',
  states: {
    family: (
      <PersonSwitcher
        label="だれの記録"
        current="1"
        people={[
          { id: '1', name: '𠮷野 美咲', kana: 'よしの みさき', mark: 1, href: '#1', about: 'あなた' },
          { id: '2', name: '𠮷野 はると', mark: 2, href: '#2', about: '3歳' },
          { id: '3', name: '𠮷野 あおい', mark: 3, href: '#3', about: '7か月' },
        ]}
      />
    ),
  },
};
