// Saving quotes, and everything on the collections' pages.
import "./saving.js";
import "./marking.js";
import "./notes.js";
import "./collection.js";
