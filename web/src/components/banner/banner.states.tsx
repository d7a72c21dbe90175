import { Banner } from './banner';

export default {
  title: 'お知らせの帯',
  states: {
    info: <Banner kind="info" title="登録の途中です">このリンクは、ほかの端末でも続きから使えます。</Banner>,
    ok: <Banner kind="ok" title="保存しました" />,
    soon: <Banner kind="soon" title="暗証番号を入れられるのは、あと1回です">まちがえるとカードがロックされます。</Banner>,
    danger: <Banner kind="danger" title="カードがロックされています">市役所の窓口で解除できます。</Banner>,
  },
};
