// Small elements, made in one call.
export const element = (name, look = "", text = "") => {
  const made = document.createElement(name);
  if (look) made.className = look;
  made.textContent = text;
  return made;
};

export const button = (text, look, press) => {
  const made = element("button", look, text);
  made.type = press ? "button" : "submit";
  if (press) made.addEventListener("click", press);
  return made;
};

export const labelled = (text, input) => {
  const label = document.createElement("label");
  label.append(text, " ", input);
  return label;
};
