import { Link } from '@tanstack/react-router';

/** The parts of a shop, from each of them to the others. */
export function ShopLinks({ shop }: { readonly shop: string }) {
  return (
    <nav className="shop-links" aria-label="Parts of the shop">
      <Link to="/shops/$shop" params={{ shop }} activeOptions={{ exact: true }}>
        Ten questions
      </Link>
      <Link to="/shops/$shop/asks" params={{ shop }}>
        Ask
      </Link>
      <Link to="/shops/$shop/changes" params={{ shop }}>
        Changes
      </Link>
      <Link to="/shops/$shop/platform" params={{ shop }}>
        Platform
      </Link>
      <Link to="/shops/$shop/edge" params={{ shop }}>
        Edge
      </Link>
      <Link to="/shops/$shop/feeds" params={{ shop }}>
        Feeds
      </Link>
      <Link to="/shops/$shop/third-parties" params={{ shop }}>
        Third parties
      </Link>
      <Link to="/shops/$shop/news" params={{ shop }}>
        News
      </Link>
      <Link to="/shops/$shop/responsibilities" params={{ shop }}>
        Duties
      </Link>
    </nav>
  );
}
