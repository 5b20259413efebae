// The built-in components that pages use and that are more than a box: each is the HTML element of its name, or stands in
// for one, and speaks as WeChat's do (`detail.value`).

const ARIA = ["ariaLabel", "ariaRole", "ariaExpanded", "ariaDisabled"];
const attribute = (name) => (name === "ariaRole" ? "role" : `aria-${name.slice(4).toLowerCase()}`);
/** Known to WeChat, of no effect here. */
const IGNORED = ["confirmType", "cursorSpacing", "autoHeight", "disableDefaultPadding", "adjustPosition", "hoverClass", "for", "color", "activeColor", "backgroundColor", "showInfo", "strokeWidth"];

/** `tmpl` compiles a template; `kinds` become known to `space` under their names. */
export function builtins(globals, space, tmpl) {
  const define = (name, { properties = {}, changed = {}, attached = () => {} }) => {
    const every = { ...Object.fromEntries([...ARIA, ...IGNORED].map((key) => [key, { type: null, value: null }])), ...properties };
    const observers = Object.keys(every).map((key) => ({
      fields: key,
      observer(value) {
        const element = elementOf(this);
        // Of a page that is closed already.
        if (element === null) return;
        if (ARIA.includes(key)) value === null || value === "" ? element.removeAttribute(attribute(key)) : element.setAttribute(attribute(key), String(value));
        else changed[key]?.(element, value, this);
      },
    }));
    const definition = globals.defineComponent({
      is: `host/${name}`,
      options: { styleScope: undefined },
      template: tmpl("<slot />"),
      properties: every,
      observers,
      lifetimes: {
        attached() {
          const element = elementOf(this);
          if (element === null) return;
          for (const key of Object.keys(every)) {
            const value = this.data[key];
            if (value === null) continue;
            if (ARIA.includes(key)) value !== "" && element.setAttribute(attribute(key), String(value));
            else changed[key]?.(element, value, this);
          }
          attached(element, this);
        },
      },
    });
    space.setGlobalUsingComponent(name, definition);
  };

  const text = {
    properties: { value: { type: String, value: "" }, type: { type: String, value: "text" }, maxlength: { type: Number, value: 140 }, placeholder: { type: String, value: "" }, disabled: { type: Boolean, value: false } },
    changed: {
      value: (element, value) => void (element.value !== value && (element.value = value)),
      maxlength: (element, most) => (most < 0 ? element.removeAttribute("maxlength") : element.setAttribute("maxlength", most)),
      placeholder: (element, words) => (element.placeholder = words),
      disabled: (element, is) => (element.disabled = is),
      type: (element, kind) => element.setAttribute("inputmode", kind === "number" ? "numeric" : "text"),
    },
    attached(element, self) {
      element.autocomplete = "off";
      element.addEventListener("input", (event) => event.isTrusted && self.triggerEvent("input", { value: element.value, cursor: 0 }));
      element.addEventListener("keydown", (event) => event.key === "Enter" && self.triggerEvent("confirm", { value: element.value }));
    },
  };
  define("input", text);
  define("textarea", text);
  define("button", {
    properties: { disabled: { type: Boolean, value: false } },
    changed: { disabled: (element, is) => (element.disabled = is) },
    attached: (element) => (element.type = "button"),
  });
  define("progress", { properties: { percent: { type: Number, value: 0 } }, changed: { percent: (element, value) => Object.assign(element, { max: 100, value }) } });
  define("label", {
    attached(element) {
      element.addEventListener("click", (event) => {
        const control = element.querySelector("radio, checkbox");
        if (control !== null && !control.contains(event.target)) control.click();
      });
    },
  });
  for (const [name, group] of [["radio", "radio-group"], ["checkbox", "checkbox-group"]]) {
    define(name, {
      properties: { value: { type: String, value: "" }, checked: { type: Boolean, value: false } },
      changed: {
        value: (element, value) => (element.dataset.value = value),
        checked: (element, is) => element.setAttribute("aria-checked", String(is)),
      },
      attached(element) {
        element.setAttribute("role", name);
        element.tabIndex = 0;
        element.addEventListener("click", () => {
          const all = [...element.closest(group).querySelectorAll(name)];
          const is = (each) => each.getAttribute("aria-checked") === "true";
          if (name === "radio") for (const each of all) each.setAttribute("aria-checked", String(each === element));
          else element.setAttribute("aria-checked", String(!is(element)));
          const values = all.filter(is).map((each) => each.dataset.value);
          element.closest(group).dispatchEvent(new CustomEvent("chosen", { detail: name === "radio" ? values[0] : values }));
        });
        element.addEventListener("keydown", (event) => event.key === " " && (event.preventDefault(), element.click()));
      },
    });
    define(group, {
      attached: (element, self) => element.addEventListener("chosen", ({ detail }) => self.triggerEvent("change", { value: detail })),
    });
  }
}

const elementOf = (self) => self.getBackendElement();
