// What an id or a selector finds is known from the HTML, which no checker reads here: it is
// there, and may be any element. What the pages' listeners have for a target is an element.
interface Document {
  getElementById(id: string): any;
}
interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}
interface EventTarget {
  closest(selectors: string): any;
  matches: any;
  blur(): void;
}
