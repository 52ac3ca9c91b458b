// Saving quotes, and everything on the collections' pages.
import "./saving.js";
import "./notes.js";
import "./collection.js";
