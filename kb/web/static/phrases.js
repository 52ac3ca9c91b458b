// What the scripts say, in the language of the page. The page brings the translations of the English phrases along.
const brought = document.getElementById("phrases");
const translations = brought ? JSON.parse(brought.textContent) : {};
const language = document.documentElement.lang || "en";

export const number = (value) => value.toLocaleString(language);

// Values are put in as they are, once: what looks like a placeholder in one stays. Use the result as text, not as HTML.
const fill = (text, values) =>
  text.replace(/%\((\w+)\)s/g, (placeholder, name) => (Object.hasOwn(values, name) ? values[name] : placeholder));

export const phrase = (text, values = {}) => fill(translations[text] ?? text, values);

// English, German and Spanish have one form for one, and one for any other count.
export const plural = (one, many, count, values = {}) => {
  const [single, several] = translations[one] ?? [one, many];
  return fill(count === 1 ? single : several, { count: number(count), ...values });
};
