// Runs before the first paint: the reader's text size, colours and language, from this device only.
(function () {
  var root = document.documentElement;
  var fixed = root.getAttribute('data-language');
  try {
    var saved = JSON.parse(localStorage.getItem('musubi.display') || '{}');
    if (/^(normal|large|largest)$/.test(saved.size)) root.setAttribute('data-size', saved.size);
    if (/^(auto|light|dark)$/.test(saved.theme)) root.setAttribute('data-theme', saved.theme);
    if (!fixed && /^(ja|ja-easy|en)$/.test(saved.language)) {
      root.setAttribute('data-language', saved.language);
      root.lang = saved.language === 'en' ? 'en' : 'ja';
    }
  } catch (unreadable) {
    // the defaults are good
  }
})();
