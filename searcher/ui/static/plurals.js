// Return the plural form of a message for a number, with the number filled in.
// biome-ignore lint/correctness/noUnusedVariables: browse.js, panel.js and drop.js call it
const pluralize = (forms, number) => {
  const { lang } = document.documentElement;
  const form = JSON.parse(forms)[new Intl.PluralRules(lang).select(number)];
  return form.replace("{n}", new Intl.NumberFormat(lang).format(number));
};
