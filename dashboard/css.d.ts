/** Styles that a view brings along; Vite makes a file of them. */
declare module "*.css";
